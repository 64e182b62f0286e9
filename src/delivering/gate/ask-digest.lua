-- Asks for a digest of all that a webhook has in its queue now.
-- KEYS: gate
redis.call('HSET', KEYS[1], 'digestAskedAt', now)
