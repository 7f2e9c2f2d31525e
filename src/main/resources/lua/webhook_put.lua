-- Registers a webhook, changes or removes it. Every gateway learns of it with its next heartbeat.
--
-- KEYS  1 webhooks  2 changed  3 version  4 removed
-- ARGV  1 id  2 the version that is to be replaced; 0 for a new one; -1 for one of which only lanes are left
--       3 the record, opaque here; empty removes the webhook
-- Answer  {'done', the new version}, {'absent'}, or {'conflict'} when somebody else changed it meanwhile
--
-- Keeps: an id that was there once is not used again while a gateway may still know it: what was removed stays in `changed`
-- until all have heard of it and nothing of it is left in the lanes.
local webhooks, changed, removed = KEYS[1], KEYS[2], KEYS[4]
local id, expected, record = ARGV[1], ARGV[2], ARGV[3]

local there = redis.call('HEXISTS', webhooks, id) == 1
local known = redis.call('ZSCORE', changed, id)
if expected == '0' or expected == '-1' then
  if there or known then return { 'conflict' } end
elseif not there then
  return { 'absent' }
elseif known ~= expected then
  return { 'conflict' }
end

-- Like fencing tokens: versions rise also when Redis lost the last ones, or all, so that a gateway that has heard of more than
-- there is notices it.
local version = int(math.max(tonumber(redis.call('GET', KEYS[3]) or '0') + 1, now()))
redis.call('SET', KEYS[3], version)
if record == '' then
  redis.call('HDEL', webhooks, id)
  redis.call('ZADD', removed, version, id)
else
  redis.call('HSET', webhooks, id, record)
end
redis.call('ZADD', changed, version, id)
return { 'done', version }
