-- raise "generation run": begins a generation, if it is newer than what is in force.
local ground = redis.call('GET', KEYS[1])
if ground then
  local old, new = string.match(ground, '^%d+'), string.match(ARGV[1], '^%d+')
  if tonumber(new) <= tonumber(old or '0') then return {'STALE', ground} end
end
redis.call('SET', KEYS[1], ARGV[1])
return {'DONE'}
