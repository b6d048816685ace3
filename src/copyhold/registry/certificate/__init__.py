"""The certificate: what it says (content), and how it is printed (rendering). Never signs and never stores."""
