from copyhold.web.cli import main

main()
