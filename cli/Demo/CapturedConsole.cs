using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.Demo;

/// <summary>A console without input. Keeps the first output for the message about a job that failed.</summary>
internal sealed class CapturedConsole : IHostConsole
{
    private const int KeptBytesMax = 4096;

    private readonly MemoryStream kept = new();

    internal string Text => System.Text.Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);

    public int Read(Span<byte> buffer) => 0;

    public Errno Write(int stream, ReadOnlySpan<byte> data)
    {
        if (kept.Length + data.Length <= KeptBytesMax)
        {
            kept.Write(data);
        }

        return Errno.None;
    }

    public bool IsTerminal(int stream) => false;
}
