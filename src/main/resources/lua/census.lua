-- Counts what waits in one partition.
--
-- KEYS  1 n;  then per target: w, a, x
-- ARGV  the targets
-- Answer  how many registered webhooks have something waiting or set aside here (1,000 at most), their names;
--       then per target: events queued, lanes leased, lanes ready, lanes parked, lanes in all, dead letters, age of the oldest
--         head in ms that is not being delivered for the first time
local at = now()
local answer = {}
local function add(value) answer[#answer + 1] = int(tonumber(value or '0')) end
local names, seen = { 0 }, {}
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  local name = string.match(field, '^queued:(.*)') or string.match(field, '^dead:(.*)')
  if name and is_registered(name) and not seen[name] and #names <= 1000 then
    seen[name] = true
    names[#names + 1] = name
  end
end
names[1] = #names - 1
for i, target in ipairs(ARGV) do
  local w, a, x = KEYS[3 * i - 1], KEYS[3 * i], KEYS[3 * i + 1]
  local oldest = redis.call('ZRANGE', a, 0, 0, 'WITHSCORES')
  add(redis.call('HGET', KEYS[1], 'queued:' .. target))
  add(redis.call('HGET', KEYS[1], 'leased:' .. target))
  add(redis.call('ZCOUNT', w, '-inf', int(at)))
  add(redis.call('ZCOUNT', w, '+inf', '+inf'))
  add(redis.call('ZCARD', w))
  add(redis.call('ZCARD', x))
  add(oldest[2] and at - tonumber(oldest[2]) or 0)
end
for _, figure in ipairs(answer) do names[#names + 1] = figure end
return names
