-- Records how the data is laid out, the first time; from then on tells where a gateway's settings differ from it. Also records
-- which servers hold it: while one of them has just been replaced, leases that it had granted may be known to nobody.
--
-- KEYS  1 layout
-- ARGV  1 the run ids of the servers, separated by commas  2 those that the gateway knew before  3 when the data had begun that it
--       knew, or ''  4 lease in ms;  then field, value ...
-- Answer  ms for which nothing may be leased;  when the data began;  then per field that differs: field, recorded value
--
-- Keeps: all gateways find an event's lane, its dedup entry and its sequence in the same place, for the life of the data;
-- leases that were lost with a server have ended before another one is granted. Begins with a write that needs no memory: a full
-- Redis drains.
local layout, servers, known, known_began, lease = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local at = now()
redis.call('PERSIST', layout)

local function is_replaced(before)
  for server in string.gmatch(before, '[^,]+') do
    if not string.find(',' .. servers .. ',', ',' .. server .. ',', 1, true) then return true end
  end
  return false
end

local from = tonumber(redis.call('HGET', layout, 'leases from') or '0')
local function lease_from(time)
  if time > from then
    from = time
    redis.call('HSET', layout, 'leases from', int(from))
  end
end

local recorded = redis.call('HGET', layout, 'servers')
if recorded ~= servers then
  if is_replaced(recorded or '') or is_replaced(known) then lease_from(at + lease) end
  redis.call('HSET', layout, 'servers', servers)
end
local began = redis.call('HGET', layout, 'began')
if not began then
  began = int(at)
  redis.call('HSET', layout, 'began', began)
end
-- Emptied, it has forgotten leases as well. One that is new cannot know, and may have been here first.
if known_began ~= '' and known_began ~= began then lease_from(tonumber(began) + lease) end

local answer = { int(math.max(0, from - at)), began }
for i = 5, #ARGV, 2 do
  local value = redis.call('HGET', layout, ARGV[i])
  if not value then
    redis.call('HSET', layout, ARGV[i], ARGV[i + 1])
  elseif value ~= ARGV[i + 1] then
    answer[#answer + 1] = ARGV[i]
    answer[#answer + 1] = value
  end
end
return answer
