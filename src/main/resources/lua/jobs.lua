-- Tells how jobs stand.
--
-- KEYS  1 jobs  2 how they stand  3 those that are not over  4 those that are
-- ARGV  1 which: one, open, or all  2 one: its id;  open: then the ids of those that need not be told
-- Answer  per job, the one that began first before the others: id, who wanted it, what it is to do, how it stands
local which, known = ARGV[1], {}
local ids = { ARGV[2] }
if which ~= 'one' then
  for i = 2, #ARGV do known[ARGV[i]] = true end
  ids = which == 'all' and redis.call('ZRANGE', KEYS[4], 0, -1) or {}
  for _, id in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do ids[#ids + 1] = id end
end
local answer = {}
for _, id in ipairs(ids) do
  local job, standing = redis.call('HGET', KEYS[1], id), redis.call('HGET', KEYS[2], id)
  if job and standing and not known[id] then
    local by, what = string.match(job, '^([^\n]*)\n(.*)$')
    for _, value in ipairs({ id, by, what, standing }) do answer[#answer + 1] = value end
  end
end
return answer
