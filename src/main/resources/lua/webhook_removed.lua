-- Lists webhooks that were removed and of which something may be left in the lanes.
--
-- KEYS  1 removed
-- ARGV  1 how many at most
-- Answer  per webhook: id, the version that removed it
return redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')
