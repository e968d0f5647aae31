"""Where pages, records and the ledger lie: the contract, and Redis."""
