-- Records how the data is laid out, the first time; from then on tells where a gateway's settings differ from it. Also records
-- which servers hold it: while one of them has just been replaced, leases that it had granted may be known to nobody.
--
-- KEYS  1 layout
-- ARGV  1 the run ids of the servers, separated by commas  2 those that the gateway knew before  3 lease in ms;  then field, value ...
-- Answer  ms for which nothing may be leased;  1 when nothing was recorded;  then per field that differs: field, recorded value
--
-- Keeps: all gateways find an event's lane, its dedup entry and its sequence in the same place, for the life of the data;
-- leases that were lost with a server have ended before another one is granted. Begins with a write that needs no memory: a full
-- Redis drains.
local layout, servers, known, lease = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local at = now()
redis.call('PERSIST', layout)

local function is_replaced(before)
  for server in string.gmatch(before, '[^,]+') do
    if not string.find(',' .. servers .. ',', ',' .. server .. ',', 1, true) then return true end
  end
  return false
end

local first = redis.call('EXISTS', layout) == 0
local recorded = redis.call('HGET', layout, 'servers')
if recorded ~= servers then
  -- Emptied, it has forgotten leases as well.
  if is_replaced(recorded or '') or is_replaced(known) or (first and known ~= '') then redis.call('HSET', layout, 'leases from', int(at + lease)) end
  redis.call('HSET', layout, 'servers', servers)
end
local from = tonumber(redis.call('HGET', layout, 'leases from') or '0')

local answer = { int(math.max(0, from - at)), first and 1 or 0 }
for i = 4, #ARGV, 2 do
  local value = redis.call('HGET', layout, ARGV[i])
  if not value then
    redis.call('HSET', layout, ARGV[i], ARGV[i + 1])
  elseif value ~= ARGV[i + 1] then
    answer[#answer + 1] = ARGV[i]
    answer[#answer + 1] = value
  end
end
return answer
