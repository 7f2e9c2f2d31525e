-- Begins a job, or finds one that is the same and not over.
--
-- KEYS  1 jobs  2 how they stand  3 those that are not over
-- ARGV  1 a new id  2 who wants it  3 what it is to do  4 how many may be under way at most
-- Answer  1 when it has begun, 0 when it had already, or -1 when there are too many;  the id
local at = now()
-- Changes nothing, but a full Redis lets a script through whose first write needs no memory.
redis.call('PERSIST', KEYS[3])
for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
  if string.match(redis.call('HGET', KEYS[1], id) or '', '\n(.*)$') == ARGV[3] then return { 0, id } end
end
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[4]) then return { -1, '' } end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. '\n' .. ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], 'running:0:0:0:' .. int(at) .. ':0')
redis.call('ZADD', KEYS[3], int(at), ARGV[1])
return { 1, ARGV[1] }
