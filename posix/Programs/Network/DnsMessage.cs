using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>Writes questions and reads answers (RFC 1035 section 4). Everything in an answer is the network's, and so is doubted.</summary>
internal static class DnsMessage
{
    private const int PointerMask = 0xC0;
    private const int AliasesMax = 16;
    private const int RecordHeaderBytes = 10;

    /// <summary>Writes a question; 0 when the name cannot be one.</summary>
    public static int WriteQuestion(Span<byte> message, ushort id, string name, ushort type)
    {
        message.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], DnsSpec.FlagRecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], 1);
        int position = DnsSpec.HeaderBytes;
        string rest = name.EndsWith('.') ? name[..^1] : name;
        if (rest.Length is 0 or > DnsSpec.NameBytesMax - 2)
        {
            return 0;
        }

        foreach (string label in rest.Split('.'))
        {
            if (label.Length is 0 or > DnsSpec.LabelBytesMax)
            {
                return 0;
            }

            message[position++] = (byte)label.Length;
            ByteText.Copy(label, message[position..]);
            position += label.Length;
        }

        position++;
        BinaryPrimitives.WriteUInt16BigEndian(message[position..], type);
        BinaryPrimitives.WriteUInt16BigEndian(message[(position + 2)..], DnsSpec.ClassInternet);
        return position + 4;
    }

    /// <summary>Reads the addresses out of an answer to a question, along its aliases.</summary>
    public static DnsResult ReadAnswer(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question, ushort type, List<IpAddress> addresses)
    {
        if (answer.Length < DnsSpec.HeaderBytes || answer[0] != question[0] || answer[1] != question[1])
        {
            return DnsResult.Malformed;
        }

        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(answer[2..]);
        int questions = BinaryPrimitives.ReadUInt16BigEndian(answer[4..]);
        if ((flags & DnsSpec.FlagResponse) == 0 || !(IsBareRefusal(flags, questions) || (questions == 1 && IsSameQuestion(answer, question))))
        {
            return DnsResult.Malformed;
        }

        if ((flags & DnsSpec.FlagTruncated) != 0)
        {
            return DnsResult.Truncated;
        }

        if ((flags & 15) != 0)
        {
            return (DnsResult)(flags & 15);
        }

        int count = BinaryPrimitives.ReadUInt16BigEndian(answer[6..]);
        _ = TryReadName(question, DnsSpec.HeaderBytes, out string name, out _);
        for (int alias = 0; alias < AliasesMax; alias++)
        {
            if (!TryCollect(answer, question.Length, count, type, name, addresses, out string next))
            {
                addresses.Clear();
                return DnsResult.Malformed;
            }

            if (addresses.Count > 0 || next.Length == 0)
            {
                break;
            }

            name = next;
        }

        return addresses.Count > 0 ? DnsResult.Success : DnsResult.NoData;
    }

    /// <summary>Takes the addresses of a name, or what it is an alias of.</summary>
    private static bool TryCollect(
        ReadOnlySpan<byte> answer, int position, int count, ushort type, string name, List<IpAddress> addresses, out string next)
    {
        next = "";
        for (int record = 0; record < count; record++)
        {
            if (!TryReadName(answer, position, out string owner, out position) || answer.Length < position + RecordHeaderBytes)
            {
                return false;
            }

            ushort recordType = BinaryPrimitives.ReadUInt16BigEndian(answer[position..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(answer[(position + 8)..]);
            position += RecordHeaderBytes;
            if (answer.Length < position + length)
            {
                return false;
            }

            if (owner == name && recordType == type && length == (type == DnsSpec.TypeA ? 4 : 16))
            {
                addresses.Add(IpAddress.From(answer.Slice(position, length)));
            }
            else if (owner == name && recordType == DnsSpec.TypeCname && !TryReadName(answer, position, out next, out _))
            {
                return false;
            }

            position += length;
        }

        return true;
    }

    /// <summary>
    /// Whether a server says no without the question, as those do that have not read it (RFC 1035 section 4.1.1). That there is no such name
    /// is believed only with the name.
    /// </summary>
    private static bool IsBareRefusal(ushort flags, int questions) =>
        questions == 0 && (DnsResult)(flags & 15) is not (DnsResult.Success or DnsResult.NameError);

    /// <summary>Servers may give the name back in letters of another case.</summary>
    private static bool IsSameQuestion(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question)
    {
        bool isSame = answer.Length >= question.Length;
        for (int index = DnsSpec.HeaderBytes; index < question.Length && isSame; index++)
        {
            isSame = Lower(answer[index]) == Lower(question[index]);
        }

        return isSame;
    }

    /// <summary>
    /// Reads a name in lower case. A pointer has to lead back, to before all that was read of this name, so this ends.
    /// </summary>
    private static bool TryReadName(ReadOnlySpan<byte> message, int position, out string name, out int end)
    {
        var text = new List<char>();
        end = -1;
        name = "";
        int limit = position;
        while (position < message.Length)
        {
            int length = message[position];
            if ((length & PointerMask) == PointerMask)
            {
                int target = position + 1 < message.Length ? ((length & ~PointerMask) << 8) | message[position + 1] : int.MaxValue;
                end = end < 0 ? position + 2 : end;
                if (target >= limit)
                {
                    return false;
                }

                (position, limit) = (target, target);
                continue;
            }

            if (length == 0)
            {
                end = end < 0 ? position + 1 : end;
                name = new string(text.ToArray());
                return true;
            }

            if (length > DnsSpec.LabelBytesMax || position + 1 + length > message.Length || text.Count + length > DnsSpec.NameBytesMax)
            {
                return false;
            }

            foreach (byte letter in message.Slice(position + 1, length))
            {
                text.Add((char)Lower(letter));
            }

            text.Add('.');
            position += 1 + length;
        }

        return false;
    }

    private static byte Lower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;
}
