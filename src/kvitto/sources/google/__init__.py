"""What the connectors of Google's services share: sign-in, refusals, quotas."""
