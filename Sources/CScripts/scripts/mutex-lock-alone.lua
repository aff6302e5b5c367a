-- Nobody has it and nobody waits, as most of the time: nothing of the queue is wanted.
if not owner and not mutex[6] and redis.call('HGET', SHARED, 'settled') == generation then
  local count = redis.call('HINCRBY', SHARED, 'count', 1)
  fence = generation .. '.' .. string.format('%.0f', count)
  redis.call('HSET', MUTEX, 'owner', ARGV[2], 'fence', fence, 'seq', 1, 'taken', '1', 'at', 0)
  return {'GRANTED', fence}
end
