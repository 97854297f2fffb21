using System.Buffers.Binary;

namespace RedLeafSharp.Posix.Programs.Network.Tcpdump;

/// <summary>The options of a TCP segment as tcpdump has them.</summary>
internal static class TcpOptionText
{
    public static string Describe(ReadOnlySpan<byte> options, uint sackBase)
    {
        string text = "";
        while (options.Length > 0)
        {
            byte kind = options[0];
            if (kind <= 1)
            {
                text += kind == 0 ? ",eol" : ",nop";
                if (kind == 0)
                {
                    break;
                }

                options = options[1..];
                continue;
            }

            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
            {
                text += ",[bad opt]";
                break;
            }

            text += "," + DescribeOne(kind, options[2..options[1]], sackBase);
            options = options[options[1]..];
        }

        return text.TrimStart(',');
    }

    private static string DescribeOne(byte kind, ReadOnlySpan<byte> value, uint sackBase) => (kind, value.Length) switch
    {
        (2, 2) => $"mss {BinaryPrimitives.ReadUInt16BigEndian(value)}",
        (3, 1) => $"wscale {value[0]}",
        (4, 0) => "sackOK",
        (5, _) => DescribeSack(value, sackBase),
        (8, 8) => $"TS val {BinaryPrimitives.ReadUInt32BigEndian(value)} ecr {BinaryPrimitives.ReadUInt32BigEndian(value[4..])}",
        _ => $"unknown-{kind}",
    };

    private static string DescribeSack(ReadOnlySpan<byte> value, uint sackBase)
    {
        string text = $"sack {value.Length / 8} ";
        for (; value.Length >= 8; value = value[8..])
        {
            uint start = BinaryPrimitives.ReadUInt32BigEndian(value) - sackBase;
            uint end = BinaryPrimitives.ReadUInt32BigEndian(value[4..]) - sackBase;
            text += $"{{{start}:{end}}}";
        }

        return text;
    }
}
