using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>cat: copies files to the standard output.</summary>
public sealed class CatProgram : Utility
{
    private const int BufferBytes = 128 * 1024;

    private protected override string Synopsis => "[-u] [FILE]...";

    private protected override int Run(Libc libc)
    {
        Options options = Options.Parse(libc.Arguments, "u");
        if (options.Error is not null)
        {
            return libc.ComplainUsage(options.Error);
        }

        if (options.Operands.Count == 0)
        {
            options.Operands.Add("-");
        }

        var buffer = new byte[BufferBytes];
        int status = 0;
        foreach (string path in options.Operands)
        {
            int descriptor = libc.Streams.Input;
            Errno error = path == "-" ? Errno.None : libc.OpenToRead(path, out descriptor);
            if (error != Errno.None)
            {
                status = libc.Complain(path, error);
                continue;
            }

            status |= Copy(libc, path, descriptor, buffer);
            if (path != "-")
            {
                libc.Close(descriptor);
            }
        }

        return status;
    }

    private static int Copy(Libc libc, string path, int descriptor, byte[] buffer)
    {
        if (IsOutputOf(libc, descriptor))
        {
            return libc.Complain($"{path}: input file is output file");
        }

        while (!libc.IsOutputClosed)
        {
            Errno error = libc.Read(descriptor, buffer, out int length);
            if (error != Errno.None)
            {
                return libc.Complain(path, error);
            }

            if (length == 0)
            {
                break;
            }

            libc.Print(buffer.AsSpan(0, length));
            libc.Flush();
        }

        return 0;
    }

    /// <summary>Whether the copy would read what it has just written, without end: both are one file that is not at its end.</summary>
    private static bool IsOutputOf(Libc libc, int descriptor)
    {
        Reply<FileAttributes, Errno> source = libc.System.GetDescriptorAttributes(libc.Context, descriptor);
        Reply<FileAttributes, Errno> target = libc.System.GetDescriptorAttributes(libc.Context, libc.Streams.Output);
        bool areFiles = source.IsOk && target.IsOk && (source.Value.Mode & FileMode.TypeMask) == FileMode.Regular
            && (target.Value.Mode & FileMode.TypeMask) == FileMode.Regular;
        if (!areFiles || source.Value.Inode != target.Value.Inode)
        {
            return false;
        }

        Reply<long, Errno> position = libc.System.Seek(libc.Context, descriptor, 0, SeekOrigin.Current);
        return position.IsOk && (ulong)position.Value < source.Value.SizeBytes;
    }
}
