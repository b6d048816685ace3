"""Main hall: voluntary registration and everything that later happens to a right.

Application → examination → work (the registered record) → certificate; recordal of licences. Never crawls and never
compares media: likenesses come to it from above as check results.
Announces: application.submitted, deposit.received, work.registered, work.withdrawn, certificate.issued,
licence.recorded.
"""
