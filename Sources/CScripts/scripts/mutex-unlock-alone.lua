-- Ends a hold, if it is one. Where nobody waits, nothing of the queue is wanted.
--
-- ARGV  5 the fence

if owner ~= ARGV[2] or fence ~= ARGV[5] then
  return {'LOST'}
end
if not mutex[6] then
  redis.call('DEL', MUTEX)
  return {'RELEASED'}
end
