using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>dd: copies blocks.</summary>
public sealed class DdProgram : Utility
{
    private const int BlockBytesMax = 64 << 20;

    private readonly DdOperands operands = new();
    private int input;
    private int output = 1;
    private long fullIn, partialIn, fullOut, partialOut, copiedBytes;

    private protected override string Synopsis => "[OPERAND=VALUE]...";

    private protected override int Run(Libc libc)
    {
        input = libc.Streams.Input;
        output = libc.Streams.Output;
        for (int index = 1; index < libc.Arguments.Count; index++)
        {
            string? error = operands.Take(libc.Arguments[index]);
            if (error is not null)
            {
                bool isNumber = error.StartsWith("invalid number", StringComparison.Ordinal);
                return isNumber ? libc.Complain(error) : libc.ComplainUsage(error);
            }
        }

        if (operands.InputBlockBytes is < 1 or > BlockBytesMax || operands.OutputBlockBytes is < 1 or > BlockBytesMax)
        {
            return libc.Complain("invalid number: block size out of range");
        }

        int status = Open(libc);
        if (status != 0)
        {
            return status;
        }

        long start = libc.Context.UptimeMicros;
        status = Copy(libc);
        status |= Sync(libc);
        Report(libc, Math.Max(1, libc.Context.UptimeMicros - start));
        return status;
    }

    private int Open(Libc libc)
    {
        Errno error = operands.InputPath is null ? Errno.None : libc.OpenToRead(operands.InputPath, out input);
        if (error != Errno.None)
        {
            return libc.Complain($"failed to open '{operands.InputPath}': {Errors.TextOf(error)}");
        }

        if (operands.OutputPath is not null)
        {
            // With seek, what is before the seek stays: the file is cut there, not at its start.
            bool truncates = !operands.KeepsLength && operands.SeekBlocks == 0;
            OpenFlags flags = OpenFlags.ReadWrite | OpenFlags.Create | (operands.IsExclusive ? OpenFlags.Exclusive : 0)
                | (truncates ? OpenFlags.Truncate : 0);
            error = libc.Open(operands.OutputPath, flags, 0x1B6, out output);
            if (error != Errno.None)
            {
                return libc.Complain($"failed to open '{operands.OutputPath}': {Errors.TextOf(error)}");
            }
        }

        return Seek(libc);
    }

    private int Seek(Libc libc)
    {
        long offset = operands.SeekBlocks * operands.OutputBlockBytes;
        if (offset > 0)
        {
            if (operands.OutputPath is not null && !operands.KeepsLength)
            {
                var cut = new FileAttributesChange { Fields = FileAttributeFields.Size, SizeBytes = (ulong)offset };
                _ = libc.System.SetDescriptorAttributes(libc.Context, output, cut);
            }

            Reply<long, Errno> reply = libc.System.Seek(libc.Context, output, offset, SeekOrigin.Start);
            if (!reply.IsOk)
            {
                string name = operands.OutputPath ?? "standard output";
                return libc.Complain($"'{name}': cannot seek: {Errors.TextOf(Errors.Of(reply))}");
            }
        }

        return Skip(libc);
    }

    private int Skip(Libc libc)
    {
        long left = operands.SkipBlocks * operands.InputBlockBytes;
        if (left == 0 || libc.System.Seek(libc.Context, input, left, SeekOrigin.Current).IsOk)
        {
            return 0;
        }

        // A pipe cannot seek: it is read instead.
        var buffer = new byte[operands.InputBlockBytes];
        int length = 1;
        while (left > 0 && length > 0)
        {
            Errno error = libc.Read(input, buffer.AsSpan(0, (int)Math.Min(buffer.Length, left)), out length);
            if (error != Errno.None)
            {
                return libc.Complain($"error reading '{operands.InputPath ?? "standard input"}': {Errors.TextOf(error)}");
            }

            left -= length;
        }

        return 0;
    }

    private int Copy(Libc libc)
    {
        var buffer = new byte[operands.InputBlockBytes];
        while (operands.Count < 0 || fullIn + partialIn < operands.Count)
        {
            Errno error = ReadBlock(libc, buffer, out int length);
            if (error != Errno.None)
            {
                return libc.Complain($"error reading '{operands.InputPath ?? "standard input"}': {Errors.TextOf(error)}");
            }

            if (length == 0)
            {
                break;
            }

            CountIn(length);
            if (operands.PadsBlocks && length < buffer.Length)
            {
                buffer.AsSpan(length).Clear();
                length = buffer.Length;
            }

            error = WriteBlocks(libc, buffer.AsSpan(0, length));
            if (error != Errno.None)
            {
                return libc.Complain($"error writing '{operands.OutputPath ?? "standard output"}': {Errors.TextOf(error)}");
            }
        }

        return 0;
    }

    private Errno ReadBlock(Libc libc, byte[] buffer, out int length)
    {
        Errno error = libc.Read(input, buffer, out length);
        while (operands.FillsBlocks && error == Errno.None && length > 0 && length < buffer.Length)
        {
            error = libc.Read(input, buffer.AsSpan(length), out int more);
            length += more;
            if (more == 0)
            {
                break;
            }
        }

        return error;
    }

    private void CountIn(int length)
    {
        fullIn += length == operands.InputBlockBytes ? 1 : 0;
        partialIn += length == operands.InputBlockBytes ? 0 : 1;
    }

    private Errno WriteBlocks(Libc libc, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            ReadOnlySpan<byte> block = data[..(int)Math.Min(data.Length, operands.OutputBlockBytes)];
            Errno error = libc.WriteAll(output, block);
            if (error != Errno.None)
            {
                return error;
            }

            fullOut += block.Length == operands.OutputBlockBytes ? 1 : 0;
            partialOut += block.Length == operands.OutputBlockBytes ? 0 : 1;
            copiedBytes += block.Length;
            data = data[block.Length..];
        }

        return Errno.None;
    }

    private int Sync(Libc libc)
    {
        Errno error = operands.Syncs ? Errors.Of(libc.System.SyncDescriptor(libc.Context, output)) : Errno.None;
        return error == Errno.None
            ? 0
            : libc.Complain($"fsync failed for '{operands.OutputPath ?? "standard output"}': {Errors.TextOf(error)}");
    }

    private void Report(Libc libc, long micros)
    {
        if (operands.Status == "none")
        {
            return;
        }

        string text = $"{fullIn}+{partialIn} records in\n{fullOut}+{partialOut} records out\n";
        if (operands.Status != "noxfer")
        {
            // Bytes per microsecond are megabytes per second.
            double megabytesPerSecond = (double)copiedBytes / micros;
            text += $"{copiedBytes} bytes copied, {micros / 1e6:0.######} s, {megabytesPerSecond:0.0} MB/s\n";
        }

        _ = libc.WriteAll(libc.Streams.Error, ByteText.ToBytes(text));
    }
}
