-- Places. A channel's is a hash: token "generation.count", nid and life of its member, and tgt and
-- tgtlife while it is about to move.
local function room(channel)
  return redis.call('HMGET', p .. 'room:' .. channel, 'token', 'nid', 'life', 'tgt', 'tgtlife')
end
local function write(channel, old, token, nid, life)
  local key = p .. 'room:' .. channel
  if old[2] and old[2] ~= nid then redis.call('SREM', p .. 'own:' .. old[2], channel) end
  if old[4] then redis.call('HDEL', key, 'tgt', 'tgtlife') end
  redis.call('HSET', key, 'token', token, 'nid', nid, 'life', life)
  redis.call('SADD', p .. 'own:' .. nid, channel)
end
local generation = string.match(ARGV[1], '^%d+')
local function raisecount(count)
  if count > tonumber(redis.call('GET', p .. 'count') or '0') then
    redis.call('SET', p .. 'count', string.format('%.0f', count))
  end
end
