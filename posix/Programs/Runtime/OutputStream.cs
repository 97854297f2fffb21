using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs;

/// <summary>A buffer before a descriptor. After an error it swallows everything: the program reads it at its end.</summary>
internal sealed class OutputStream(int descriptor)
{
    // A pipe's worth of atomic writes several times over; few calls for large outputs, little memory for small ones.
    private const int BufferBytes = 16 * 1024;

    private readonly byte[] buffer = new byte[BufferBytes];
    private int fill;

    /// <summary>The first error of a write.</summary>
    public Errno Error { get; private set; }

    public void Write(CallContext context, ISystem system, ReadOnlySpan<byte> data)
    {
        if (data.Length > BufferBytes - fill)
        {
            Flush(context, system);
            if (data.Length >= BufferBytes)
            {
                WriteAll(context, system, data);
                return;
            }
        }

        data.CopyTo(buffer.AsSpan(fill));
        fill += data.Length;
    }

    public void Write(CallContext context, ISystem system, ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            if (fill == BufferBytes)
            {
                Flush(context, system);
            }

            int length = Math.Min(text.Length, BufferBytes - fill);
            ByteText.Copy(text[..length], buffer.AsSpan(fill));
            fill += length;
            text = text[length..];
        }
    }

    public void Flush(CallContext context, ISystem system)
    {
        ReadOnlySpan<byte> data = buffer.AsSpan(0, fill);
        fill = 0;
        WriteAll(context, system, data);
    }

    private void WriteAll(CallContext context, ISystem system, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0 && Error == Errno.None)
        {
            Reply<int, Errno> written = system.Write(context, descriptor, data);
            Error = written.IsFault ? Errno.InputOutput : written.Error;
            data = data[written.Value..];
        }
    }
}
