-- leave nid life: what has not been ended is left to be taken over.
redis.call('INCR', p .. 'view')
if redis.call('SCARD', p .. 'own:' .. me) > 0 then
  local record = redis.call('HGET', p .. 'members', me)
  redis.call('HSET', p .. 'members', me, 'x' .. string.sub(record, 2))
else
  redis.call('HDEL', p .. 'members', me)
  redis.call('HDEL', p .. 'cards', me)
end
return {'DONE'}
