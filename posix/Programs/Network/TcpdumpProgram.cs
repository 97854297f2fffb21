using System.Buffers.Binary;
using RedLeafSharp.Contracts;
using RedLeafSharp.Posix.Programs.Network.Tcpdump;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>tcpdump: shows the frames of a link, or keeps them in a file that programs of Linux open (pcap).</summary>
public sealed class TcpdumpProgram : Utility
{
    /// <summary>The pcap format with microseconds: draft-ietf-opsawg-pcap, sections 4 and 5.</summary>
    private const uint Magic = 0xA1B2C3D4;
    private const int FileHeaderBytes = 24;
    private const int RecordHeaderBytes = 16;
    private const int LinkTypeEthernet = 1;

    /// <summary>What a packet buffer of the stack holds, and more; longer frames are cut.</summary>
    private const int SnapBytes = 4_096;

    private protected override string Synopsis => "[-nStU] [-i LINK] [-c COUNT] [-w FILE | -r FILE] [EXPRESSION]";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "nStUi:c:w:r:");
        int count = int.MaxValue;
        Func<PacketView, bool>? filter = PacketFilter.Parse(options.Operands, out string? error);
        if ((options.Error ?? error) is { } wrong)
        {
            return libc.ComplainUsage(wrong);
        }

        if (options.ValueOf('c') is { } text && !SocketText.TryParseNumber(text, int.MaxValue, out count))
        {
            return libc.ComplainUsage($"invalid packet count {text}");
        }

        var printer = new PacketText(isAbsolute: options.Has('S'));
        return options.ValueOf('r') is { } file
            ? Show(libc, file, filter!, printer, count, hasTime: !options.Has('t'))
            : Capture(libc, options, filter!, printer, count);
    }

    private static int Capture(Libc libc, Options options, Func<PacketView, bool> filter, PacketText printer, int count)
    {
        if (!TryOpen(libc, options.ValueOf('i'), out string name, out int socket))
        {
            return 1;
        }

        int file = -1;
        if (options.ValueOf('w') is { } path)
        {
            Errno error = libc.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0x1A4, out file);
            error = error != Errno.None ? error : libc.WriteAll(file, FileHeader());
            if (error != Errno.None)
            {
                return libc.Complain(path, error);
            }
        }

        _ = libc.System.Write(
            libc.Context, libc.Streams.Error, ByteText.ToBytes($"listening on {name}, link-type EN10MB (Ethernet), snapshot length {SnapBytes} bytes\n"));
        byte[] buffer = new byte[SnapBytes];
        int captured = 0;
        while (captured < count && !libc.IsOutputClosed)
        {
            Reply<int, Errno> reply = libc.System.Receive(libc.Context, socket, buffer, default, SocketFlags.Truncate, out _);
            if (!reply.IsOk)
            {
                return libc.Complain(name, Errors.Of(reply));
            }

            var packet = new PacketView(buffer[..Math.Min(reply.Value, buffer.Length)], reply.Value);
            if (filter(packet))
            {
                captured++;
                long now = SocketText.NowMicros(libc);
                if (Keep(libc, file, packet, printer, now, hasTime: !options.Has('t')) is var error and not Errno.None)
                {
                    return libc.Complain("write", error);
                }
            }
        }

        libc.Flush();
        return 0;
    }

    private static Errno Keep(Libc libc, int file, PacketView packet, PacketText printer, long micros, bool hasTime)
    {
        if (file < 0)
        {
            libc.PrintLine((hasTime ? TimeOf(micros) : "") + printer.Describe(packet));
            libc.Flush();
            return Errno.None;
        }

        ReadOnlySpan<byte> frame = packet.From(0);
        byte[] record = new byte[RecordHeaderBytes + frame.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(micros / 1_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), (uint)(micros % 1_000_000));
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(8), frame.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(12), packet.FullBytes);
        frame.CopyTo(record.AsSpan(RecordHeaderBytes));
        return libc.WriteAll(file, record);
    }

    private static byte[] FileHeader()
    {
        byte[] header = new byte[FileHeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), 4);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), SnapBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), LinkTypeEthernet);
        return header;
    }

    /// <summary>-r: what a file of this program, or of a host of the same byte order, has.</summary>
    private static int Show(Libc libc, string path, Func<PacketView, bool> filter, PacketText printer, int count, bool hasTime)
    {
        byte[] header = new byte[FileHeaderBytes];
        Errno error = libc.OpenToRead(path, out int file);
        if (error != Errno.None)
        {
            return libc.Complain(path, error);
        }

        if (!TryReadAll(libc, file, header) || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic)
        {
            return libc.Complain($"{path}: unknown file format");
        }

        byte[] record = new byte[RecordHeaderBytes];
        for (int shown = 0; shown < count && TryReadAll(libc, file, record);)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(8));
            byte[] frame = length is >= 0 and <= 1 << 18 ? new byte[length] : [];
            if (frame.Length != length || !TryReadAll(libc, file, frame))
            {
                return libc.Complain($"{path}: the file is cut off");
            }

            var packet = new PacketView(frame, BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(12)));
            if (filter(packet))
            {
                long seconds = BinaryPrimitives.ReadUInt32LittleEndian(record);
                long micros = (seconds * 1_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(4));
                libc.PrintLine((hasTime ? TimeOf(micros) : "") + printer.Describe(packet));
                shown++;
            }
        }

        return 0;
    }

    private static bool TryReadAll(Libc libc, int file, byte[] buffer)
    {
        int filled = 0;
        while (filled < buffer.Length && libc.Read(file, buffer.AsSpan(filled), out int length) == Errno.None && length > 0)
        {
            filled += length;
        }

        return filled == buffer.Length;
    }

    private static string TimeOf(long micros)
    {
        long second = micros / 1_000_000 % 86_400;
        return $"{second / 3600:00}:{second / 60 % 60:00}:{second % 60:00}.{micros % 1_000_000:000000} ";
    }

    /// <summary>A socket at a link: the one that is named, else the first that is no loopback; "any" is all.</summary>
    private static bool TryOpen(Libc libc, string? wanted, out string name, out int socket)
    {
        (name, socket) = (wanted ?? "any", -1);
        int index = wanted is null or "any" ? 0 : IpProgram.IndexOf(libc, wanted);
        if (index < 0 || !IpProgram.TryListLinks(libc, out LinkInfo[] links))
        {
            return false;
        }

        foreach (LinkInfo link in links)
        {
            if (wanted is null && (link.Flags & LinkFlags.Loopback) == 0 && index == 0)
            {
                (name, index) = (link.Name.ToString(), link.Index);
            }
        }

        Reply<int, Errno> made = libc.System.MakeSocket(libc.Context, AddressFamily.Packet, SocketKind.Raw, OpenFlags.CloseOnExec, 0);
        socket = made.Value;
        Errno error = Errors.Of(made);
        error = error != Errno.None ? error : Errors.Of(libc.System.SetSocketOption(libc.Context, socket, SocketOption.BoundLink, index));
        if (error != Errno.None)
        {
            libc.Complain(name, error);
        }

        return error == Errno.None;
    }
}
