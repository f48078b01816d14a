"""What people and runs did: people, sessions, receipts, editions, deliveries, the audit log.

Importing this package is cheap; ``kvitto.store.engine`` and the modules beside
it import SQLAlchemy and are loaded where they are used.
"""
