using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>tee: copies the standard input to the standard output and to files.</summary>
public sealed class TeeProgram : Utility
{
    private const int BufferBytes = 64 * 1024;

    private protected override string Synopsis => "[-a] [FILE]...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "a", "append=a");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        int status = 0;
        OpenFlags flags = OpenFlags.WriteOnly | OpenFlags.Create | (options.Has('a') ? OpenFlags.Append : OpenFlags.Truncate);
        var outputs = new List<(string Path, int Descriptor)>();
        foreach (string path in options.Operands)
        {
            Errno error = libc.Open(path, flags, 0x1B6, out int descriptor);
            if (error == Errno.None)
            {
                outputs.Add((path, descriptor));
            }
            else
            {
                status = libc.Complain(path, error);
            }
        }

        var buffer = new byte[BufferBytes];
        while (true)
        {
            Errno error = libc.Read(libc.Streams.Input, buffer, out int length);
            if (error != Errno.None || length == 0)
            {
                return error == Errno.None ? status : libc.Complain("read error", error);
            }

            libc.Print(buffer.AsSpan(0, length));
            libc.Flush();
            foreach ((string path, int descriptor) in outputs)
            {
                error = libc.WriteAll(descriptor, buffer.AsSpan(0, length));
                status |= error == Errno.None ? 0 : libc.Complain(path, error);
            }
        }
    }
}
