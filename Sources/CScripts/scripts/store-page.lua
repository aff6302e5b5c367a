-- A page of records, in the order of an index whose members have one score.
--
-- KEYS[1] the index
-- KEYS[2] a hash that holds each record in a field, or what the keys of the records begin with
-- ARGV[1] "up" or "down"
-- ARGV[2] and ARGV[3] the bounds, in this order
-- ARGV[4] how many records at most
-- ARGV[5] how many bytes of a member come before the record's name
-- ARGV[6] "fields" or "keys": which of the two KEYS[2] is
-- ARGV[7] what the name of a field begins with
--
-- Answers with whether the index has no more, the last member looked at, and then the member and the
-- record of each. It stops early at four megabytes, so that no answer is larger than its reader takes.
-- An index that names a record that is not there is passed over.
local limit = tonumber(ARGV[4])
local command = ARGV[1] == 'up' and 'ZRANGEBYLEX' or 'ZREVRANGEBYLEX'
local members = redis.call(command, KEYS[1], ARGV[2], ARGV[3], 'LIMIT', 0, limit)
local answer = {#members < limit and 1 or 0, ''}
local size = 0
for place, member in ipairs(members) do
    local name = string.sub(member, tonumber(ARGV[5]) + 1)
    local record
    if ARGV[6] == 'fields' then
        record = redis.call('HGET', KEYS[2], ARGV[7] .. name)
        if record then size = size + #record end
    else
        record = redis.call('HGETALL', KEYS[2] .. name)
        for _, text in ipairs(record) do size = size + #text end
        record = #record > 0 and record
    end
    answer[2] = member
    if record then
        answer[#answer + 1] = member
        answer[#answer + 1] = record
    end
    if size > 4194304 and place < #members then
        answer[1] = 0
        break
    end
end
return answer
