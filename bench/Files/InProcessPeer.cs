using System.Diagnostics;
using System.Globalization;
using System.Text;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Bench.Files;

/// <summary>A process of the system that makes the client's calls through the personality, without Linux.</summary>
internal sealed class InProcessPeer : IFilesPeer
{
    private const uint FileMode = 0x1A4;

    private readonly RedLeafSystem system;
    private readonly byte[] buffer = new byte[FilesPhase.Large];

    internal InProcessPeer() => system = FilesBench.Boot();

    public string Name => "in process";

    public double? Measure(FilesPhase phase, int count)
    {
        if (phase.IsDirect)
        {
            return null;
        }

        double nanoseconds = 0;
        byte[][] names = Names("/f", count);
        byte[][] newNames = Names("/g", count);
        system.Run("bench", (context, calls) =>
        {
            int file = phase.IsTransfer
                ? Must(calls.Open(context, "/data"u8, OpenFlags.Create | OpenFlags.ReadWrite, FileMode))
                : -1;
            long start = Stopwatch.GetTimestamp();
            if (phase.IsTransfer)
            {
                Transfer(context, calls, file, phase, count);
            }
            else
            {
                for (int pass = 0; pass < phase.Passes; pass++)
                {
                    Touch(context, calls, phase.Name, names, newNames);
                }
            }

            nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / count / phase.Passes;
            return 0;
        });
        return nanoseconds;
    }

    public void Dispose()
    {
        system.Shutdown();
        system.Dispose();
    }

    private static byte[][] Names(string prefix, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Encoding.ASCII.GetBytes(prefix + i.ToString(CultureInfo.InvariantCulture)))];

    private static T Must<T>(Reply<T, Errno> reply)
        where T : unmanaged => reply.IsOk ? reply.Value : throw new InvalidOperationException($"a call answered {reply}");

    private void Touch(CallContext context, ISystem calls, string phase, byte[][] names, byte[][] newNames)
    {
        for (int i = 0; i < names.Length; i++)
        {
            switch (phase)
            {
                case "create":
                    int made = Must(calls.Open(
                        context, names[i], OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.WriteOnly, FileMode));
                    Must(calls.Write(context, made, buffer.AsSpan(0, 64)));
                    Must(calls.Close(context, made));
                    break;
                case "stat":
                    Must(calls.GetAttributes(context, names[i], followsLinks: true));
                    break;
                case "open-read-close":
                    int file = Must(calls.Open(context, names[i], OpenFlags.ReadOnly, 0));
                    Must(calls.Read(context, file, buffer.AsSpan(0, FilesPhase.Page)));
                    Must(calls.Close(context, file));
                    break;
                case "rename":
                    Must(calls.Rename(context, names[i], newNames[i]));
                    break;
                default:
                    Must(calls.Unlink(context, newNames[i]));
                    break;
            }
        }
    }

    private void Transfer(CallContext context, ISystem calls, int file, FilesPhase phase, int count)
    {
        Span<byte> data = buffer.AsSpan(0, phase.TransferBytes);
        ulong random = 88172645463325252;
        for (int i = 0; i < count; i++)
        {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            ulong blocks = FilesPhase.FileBytes / (ulong)data.Length;
            ulong offset = (data.Length == FilesPhase.Page ? random % blocks : (ulong)i % blocks) * (ulong)data.Length;
            int done = Must(phase.IsWrite
                ? calls.WriteAt(context, file, offset, data)
                : calls.ReadAt(context, file, offset, data));
            Debug.Assert(done == data.Length, "short transfer");
        }
    }
}
