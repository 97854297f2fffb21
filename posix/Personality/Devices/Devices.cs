using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Personality;

/// <summary>
/// The character devices, with Linux's numbers (Documentation/admin-guide/devices.txt). <see cref="DeviceFileSystem"/> has
/// names for them; a device node of any file system opens the same ones by their numbers.
/// </summary>
internal static class Devices
{
    public const uint Null = (1 << 8) | 3;
    public const uint Zero = (1 << 8) | 5;
    public const uint Full = (1 << 8) | 7;
    public const uint Random = (1 << 8) | 8;
    public const uint Urandom = (1 << 8) | 9;
    public const uint Terminal = (5 << 8) | 0;
    public const uint Console = (5 << 8) | 1;

    /// <summary>Makes the open file description of a device; null when there is no such device.</summary>
    public static OpenFile? Open(
        uint number, OpenFlags flags, PersonalityState state, OpenFileCount count, Vnode vnode) => number switch
        {
            Null or Zero or Full => new MemoryDevice(flags, count, state.Vnodes, vnode, number),
            Random or Urandom => new RandomDevice(flags, count, state.Vnodes, vnode, state.Entropy),
            Terminal or Console => new ConsoleFile(flags, count, state.Vnodes, vnode, state.Console, stream: 1),
            _ => null,
        };
}

/// <summary>A character device: seeking is allowed and means nothing, as with Linux's.</summary>
internal abstract class CharacterDevice(OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode)
    : OpenInode(flags, count, vnodes, vnode)
{
    public override Reply<int, Errno> ReadAt(CallContext context, ulong offset, Span<byte> buffer) => Read(context, buffer);

    public override Reply<int, Errno> WriteAt(CallContext context, Process process, ulong offset, ReadOnlySpan<byte> data) =>
        Write(context, process, data);

    public override Reply<long, Errno> Seek(CallContext context, long offset, SeekOrigin origin) => 0L;

    public override Reply<Unit, Errno> Sync(CallContext context, bool isDataOnly) => Errno.InvalidArgument;
}

/// <summary>/dev/null, /dev/zero or /dev/full.</summary>
internal sealed class MemoryDevice(OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode, uint number)
    : CharacterDevice(flags, count, vnodes, vnode)
{
    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        if (number == Devices.Null)
        {
            return 0;
        }

        buffer.Clear();
        return buffer.Length;
    }

    public override Reply<int, Errno> Write(CallContext context, Process process, ReadOnlySpan<byte> data) =>
        number == Devices.Full && data.Length > 0 ? Errno.NoSpace : data.Length;
}

/// <summary>/dev/random and /dev/urandom: the same here. What is written is thrown away.</summary>
internal sealed class RandomDevice(
    OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode, IEntropy entropy)
    : CharacterDevice(flags, count, vnodes, vnode)
{
    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        Errno error = entropy.Fill(context, buffer).ErrorOf();
        return error == Errno.None ? buffer.Length : error;
    }

    public override Reply<int, Errno> Write(CallContext context, Process process, ReadOnlySpan<byte> data) => data.Length;
}

/// <summary>A stream of the console: 0, 1 or 2.</summary>
internal sealed class ConsoleFile(
    OpenFlags flags, OpenFileCount count, VnodeTable vnodes, Vnode vnode, IConsole console, int stream)
    : OpenInode(flags, count, vnodes, vnode)
{
    public override Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        Reply<int, Errno> reply = console.Read(context, buffer);
        return reply.IsOk ? reply : reply.ErrorOf();
    }

    public override Reply<int, Errno> Write(CallContext context, Process process, ReadOnlySpan<byte> data)
    {
        Reply<int, Errno> reply = console.Write(context, Math.Max(stream, 1), data);
        return reply.IsOk ? reply : reply.ErrorOf();
    }

    public override Reply<Unit, Errno> Sync(CallContext context, bool isDataOnly) => Errno.InvalidArgument;

    public override Reply<bool, Errno> IsTerminal(CallContext context)
    {
        Reply<bool, Errno> reply = console.IsTerminal(context, stream);
        return reply.IsOk ? reply : reply.ErrorOf();
    }
}
