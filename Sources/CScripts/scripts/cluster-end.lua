-- end nid channel token
local me, channel = ARGV[2], ARGV[3]
local old = room(channel)
if not old[1] then
  redis.call('SREM', p .. 'own:' .. me, channel)
  return {'REFUSED'}
end
if old[1] ~= ARGV[4] or old[2] ~= me then return {'OCCUPIED', old[1], old[2], old[3]} end
redis.call('SREM', p .. 'own:' .. me, channel)
redis.call('DEL', p .. 'room:' .. channel, p .. 'snap:' .. channel)
return {'DONE'}
