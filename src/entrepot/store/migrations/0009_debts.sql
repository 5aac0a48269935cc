-- What is owed for calls that held nothing stood in their rows only. The entries are of the day they are made.
INSERT INTO ledger (kind, reference, at_ms, organisation_id, provider, wallet_nusd, reserved_nusd, revenue_nusd,
                    cost_nusd, payable_nusd, grants_nusd, funding_nusd, losses_nusd, note)
SELECT 'attempt', request_id, unixepoch() * 1000, organisation_id, coalesce(provider, 'unknown'), 0, 0, 0,
       -debt_nusd, debt_nusd, 0, 0, 0, 'posted later'
FROM exchanges WHERE debt_nusd > 0 AND request_id NOT IN (SELECT reference FROM ledger WHERE payable_nusd <> 0)
ORDER BY request_id;
