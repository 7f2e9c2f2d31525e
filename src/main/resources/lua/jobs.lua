-- Tells how jobs stand.
--
-- KEYS  1 jobs  2 how they stand  3 those that are not over  4 those that are
-- ARGV  1 which: an id, open, or all
-- Answer  per job, the one that began first before the others: id, who wanted it, what it is to do, how it stands
local ids = { ARGV[1] }
if ARGV[1] == 'open' or ARGV[1] == 'all' then
  ids = redis.call('ZRANGE', KEYS[3], 0, -1)
  if ARGV[1] == 'all' then
    for i, id in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do table.insert(ids, i, id) end
  end
end
local answer = {}
for _, id in ipairs(ids) do
  local job, standing = redis.call('HGET', KEYS[1], id), redis.call('HGET', KEYS[2], id)
  if job and standing then
    local by, what = string.match(job, '^([^\n]*)\n(.*)$')
    for _, value in ipairs({ id, by, what, standing }) do answer[#answer + 1] = value end
  end
end
return answer
