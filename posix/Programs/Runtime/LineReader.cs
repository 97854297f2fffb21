using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>Reads a file or the standard input ("-") line by line.</summary>
internal sealed class LineReader
{
    private const int BufferBytes = 16 * 1024;

    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly StringBuilder line = new();
    private int descriptor = -1;
    private bool ownsDescriptor;
    private int start;
    private int end;

    /// <summary>The error that ended the input; none at its orderly end.</summary>
    public Errno Error { get; private set; }

    /// <summary>Whether the last line ended with a newline.</summary>
    public bool HasNewline { get; private set; }

    public Errno Open(Libc libc, string path)
    {
        descriptor = libc.Streams.Input;
        ownsDescriptor = path != "-";
        return ownsDescriptor ? libc.OpenToRead(path, out descriptor) : Errno.None;
    }

    /// <summary>Reads a line, without its newline.</summary>
    /// <returns>False at the end.</returns>
    public bool TryReadLine(Libc libc, out string text)
    {
        line.Clear();
        HasNewline = false;
        while (!HasNewline && Fill(libc))
        {
            ReadOnlySpan<byte> rest = buffer.AsSpan(start, end - start);
            int length = rest.IndexOf((byte)'\n');
            HasNewline = length >= 0;
            ReadOnlySpan<byte> part = HasNewline ? rest[..length] : rest;
            foreach (byte character in part)
            {
                line.Append((char)character);
            }

            start += part.Length + (HasNewline ? 1 : 0);
        }

        text = line.ToString();
        return HasNewline || text.Length > 0;
    }

    public void Close(Libc libc)
    {
        if (ownsDescriptor)
        {
            libc.Close(descriptor);
        }
    }

    private bool Fill(Libc libc)
    {
        if (start == end)
        {
            start = 0;
            Error = libc.Read(descriptor, buffer, out end);
        }

        return start < end;
    }
}
