"""What every API view shares: authentication, permissions, pagination and error responses."""
