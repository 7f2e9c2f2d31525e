-- Gives permits out of a rate that all gateways share (generic cell rate algorithm: one moment tells how much was given).
--
-- KEYS  1 rate: us of server time at which the next permit is due
-- ARGV  1 us from one permit to the next  2 how many may gather  3 how many are asked for
-- Answer  {how many are given, ms until the next one is due when it is none}
--
-- Begins with a write that needs no memory: a full Redis drains.
local rate, step, burst, asked = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local at = time[1] * 1000000 + time[2]
redis.call('PERSIST', rate)

local due = tonumber(redis.call('GET', rate) or '0')
-- No earlier, as no more may gather; no later, as a fail-over may have set the clock back.
due = math.min(math.max(due, at - (burst - 1) * step), at + step)
if due > at then
  redis.call('PEXPIRE', rate, int(math.ceil((burst + 1) * step / 1000)))
  return { 0, int(math.ceil((due - at) / 1000)) }
end
local given = math.min(asked, math.floor((at - due) / step) + 1)
redis.call('SET', rate, int(due + given * step), 'PX', int(math.ceil((burst + 1) * step / 1000)))
return { given, '0' }
