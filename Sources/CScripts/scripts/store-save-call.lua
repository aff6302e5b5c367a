-- Writes a call: its beginning, its end, or whatever changed about it. Its channel and start are kept.
--
-- KEYS[1] the call: channel, started, ended, title, owner, screen, video, people
-- KEYS[2] all calls by start, KEYS[3] those of its channel by start, KEYS[4] those that run,
-- KEYS[5] those that ended by end, KEYS[6] sums over all calls
-- ARGV: id, channel, start, end or nothing, title, owner, screen seconds or nothing, camera seconds or
-- nothing. Times are sixteen digits that sort as the times do.
local id, channel, started, ended = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local old = redis.call('HMGET', KEYS[1], 'started', 'ended', 'screen', 'video')

local function count(sign, started, ended, screen, video)
    local function add(field, number)
        if number ~= 0 then
            redis.call('HINCRBY', KEYS[6], field, string.format('%.0f', sign * number))
        end
    end
    if ended and ended ~= '' then
        add('ended', 1)
        add('milliseconds', tonumber(ended) - tonumber(started))
    end
    if screen and screen ~= '' then add('screenCalls', 1) end
    if video and video ~= '' then
        add('videoCalls', 1)
        add('videoSeconds', tonumber(video))
    end
end

local function set(field, value)
    if value == '' then
        redis.call('HDEL', KEYS[1], field)
    else
        redis.call('HSET', KEYS[1], field, value)
    end
end

if old[1] then
    started = old[1]
    count(-1, started, old[2], old[3], old[4])
    if old[2] then redis.call('ZREM', KEYS[5], old[2] .. id) end
else
    redis.call('HSET', KEYS[1], 'channel', channel, 'started', started)
    redis.call('ZADD', KEYS[2], 0, started .. id)
    redis.call('ZADD', KEYS[3], 0, started .. id)
end
count(1, started, ended, ARGV[7], ARGV[8])
set('ended', ended)
set('title', ARGV[5])
set('owner', ARGV[6])
set('screen', ARGV[7])
set('video', ARGV[8])
if ended == '' then
    redis.call('ZADD', KEYS[4], 0, id)
else
    redis.call('ZREM', KEYS[4], id)
    redis.call('ZADD', KEYS[5], 0, ended .. id)
end
return 1
