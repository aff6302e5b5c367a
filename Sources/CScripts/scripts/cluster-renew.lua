-- renew nid life sequence seen asserted load
local record = redis.call('HGET', p .. 'members', ARGV[2])
if not record then return {'UNREGISTERED'} end
local state, life, inc, seq, since = string.match(record, '^(%a) (%d+) (%d+) (%d+) (%d+)')
if state == 'x' or life ~= ARGV[3] then return {'EVICTED'} end
seq = whole(math.max(tonumber(seq), tonumber(ARGV[4])) + 1)
redis.call('HSET', p .. 'members', ARGV[2],
  table.concat({state, life, inc, seq, since, ARGV[5], ARGV[6], ARGV[7]}, ' '))
return everybody(redis.call('SCARD', p .. 'own:' .. ARGV[2]))
