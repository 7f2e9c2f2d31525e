-- Notes how far a job has got, or that it is over.
--
-- KEYS  1 jobs  2 how they stand  3 those that are not over  4 those that are
-- ARGV  1 id  2 running, done or cancelled  3 running: how many steps were done before  4 running: how many events were moved in this
--       step by now  5 running: whether the step is done (1 or 0)  6 of how many that are over it is still told
-- Answer  how it stands - running, done or cancelled, steps done, events moved in these, events moved since, when it began, when it was
--       over - or false
--
-- Keeps: a step counts once, whoever made it; what is over stays so. Begins with a write that needs no memory: what relieves a full Redis goes
-- on.
local jobs, standings, open, over = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, state, most = ARGV[1], ARGV[2], tonumber(ARGV[6])
redis.call('PERSIST', jobs)
local standing = redis.call('HGET', standings, id)
if not standing then return false end
local before, steps, moved, since, began = string.match(standing, '^(%a+):(%d+):(%d+):(%d+):(%d+):')
if before ~= 'running' then return standing end
if state == 'running' then
  if steps ~= ARGV[3] then return standing end
  since = int(math.max(since, ARGV[4]))
  if ARGV[5] == '1' then steps, moved, since = int(steps + 1), int(moved + since), '0' end
  standing = 'running:' .. steps .. ':' .. moved .. ':' .. since .. ':' .. began .. ':0'
else
  local at = now()
  standing = state .. ':' .. steps .. ':' .. moved .. ':' .. since .. ':' .. began .. ':' .. int(at)
  redis.call('ZREM', open, id)
  redis.call('ZADD', over, int(at), id)
end
redis.call('HSET', standings, id, standing)
for _, old in ipairs(redis.call('ZRANGE', over, 0, -1 - most)) do
  redis.call('ZREM', over, old)
  redis.call('HDEL', jobs, old)
  redis.call('HDEL', standings, old)
end
return standing
