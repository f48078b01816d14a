"""What people and runs did."""
