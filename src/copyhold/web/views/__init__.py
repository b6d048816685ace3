"""What answers an address: reads with `visible_to`, acts through a service, decides nothing."""
