-- move2 channel token: makes the member that was noted the host.
if not old[4] or not stands(old[4], old[5]) then
  redis.call('HDEL', p .. 'room:' .. channel, 'tgt', 'tgtlife')
  return {'REFUSED'}
end
local count = redis.call('INCR', p .. 'count')
write(channel, old, generation .. '.' .. string.format('%.0f', count), old[4], old[5])
return {'PLACED', count}
