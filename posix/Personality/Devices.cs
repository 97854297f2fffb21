using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// The character devices, with Linux's numbers (Documentation/admin-guide/devices.txt). They are found by their absolute
/// path, whether or not the file system has a /dev, and by device number behind a device node of the file system.
/// </summary>
internal static class Devices
{
    public const uint Null = (1 << 8) | 3;
    public const uint Zero = (1 << 8) | 5;
    public const uint Full = (1 << 8) | 7;
    public const uint Terminal = (5 << 8) | 0;
    public const uint Console = (5 << 8) | 1;

    private const uint AllReadWrite = 0x1B6;

    /// <summary>The device that a path names, or 0.</summary>
    public static uint Find(ReadOnlySpan<byte> path)
    {
        if (!path.StartsWith("/dev/"u8))
        {
            return 0;
        }

        ReadOnlySpan<byte> name = path["/dev/".Length..];
        return name.SequenceEqual("null"u8) ? Null
            : name.SequenceEqual("zero"u8) ? Zero
            : name.SequenceEqual("full"u8) ? Full
            : name.SequenceEqual("tty"u8) ? Terminal
            : name.SequenceEqual("console"u8) ? Console
            : 0;
    }

    /// <summary>Makes the open file description of a device; null when there is no such device.</summary>
    public static OpenFile? Open(uint number, OpenFlags flags, OpenFileCount count, IConsole console) => number switch
    {
        Null or Zero or Full => new MemoryDevice(flags, count, number),
        Terminal or Console => new ConsoleFile(flags, count, console, stream: 1, number),
        _ => null,
    };

    /// <summary>What stat says about a device that has no node in the file system.</summary>
    public static FileAttributes AttributesOf(uint number) => new()
    {
        Inode = number,
        Mode = FileMode.CharacterDevice | AllReadWrite,
        LinkCount = 1,
        DeviceNumber = number,
        BlockBytes = Limits.PipeAtomicBytes,
    };
}

/// <summary>/dev/null, /dev/zero or /dev/full.</summary>
internal sealed class MemoryDevice(OpenFlags flags, OpenFileCount count, uint number) : OpenFile(flags, count)
{
    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer) =>
        ReadAt(context, 0, buffer);

    public override Reply<int, Errno> Write(CallContext context, ReadOnlySpan<byte> data) =>
        WriteAt(context, 0, data);

    public override Reply<int, Errno> ReadAt(CallContext context, ulong offset, Span<byte> buffer)
    {
        if (number == Devices.Null)
        {
            return 0;
        }

        buffer.Clear();
        return buffer.Length;
    }

    public override Reply<int, Errno> WriteAt(CallContext context, ulong offset, ReadOnlySpan<byte> data) =>
        number == Devices.Full && data.Length > 0 ? Errno.NoSpace : data.Length;

    public override Reply<long, Errno> Seek(CallContext context, long offset, SeekOrigin origin) => 0L;

    public override Reply<FileAttributes, Errno> GetAttributes(CallContext context) => Devices.AttributesOf(number);
}

/// <summary>A stream of the console: 0, 1 or 2.</summary>
internal sealed class ConsoleFile(OpenFlags flags, OpenFileCount count, IConsole console, int stream, uint number)
    : OpenFile(flags, count)
{
    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        Reply<int, Errno> reply = console.Read(context, buffer);
        return reply.IsOk ? reply : reply.ErrorOf();
    }

    public override Reply<int, Errno> Write(CallContext context, ReadOnlySpan<byte> data)
    {
        Reply<int, Errno> reply = console.Write(context, Math.Max(stream, 1), data);
        return reply.IsOk ? reply : reply.ErrorOf();
    }

    public override Reply<FileAttributes, Errno> GetAttributes(CallContext context) => Devices.AttributesOf(number);

    public override Reply<bool, Errno> IsTerminal(CallContext context)
    {
        Reply<bool, Errno> reply = console.IsTerminal(context, stream);
        return reply.IsOk ? reply : reply.ErrorOf();
    }
}
