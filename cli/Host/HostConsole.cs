using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.Host;

/// <summary>The terminal that the command was started on. Its line discipline does the editing.</summary>
internal sealed class HostConsole : IHostConsole
{
    private readonly Stream input = Console.OpenStandardInput();
    private readonly Stream output = Console.OpenStandardOutput();
    private readonly Stream error = Console.OpenStandardError();

    public int Read(Span<byte> buffer) => input.Read(buffer);

    public void Write(int stream, ReadOnlySpan<byte> data)
    {
        Stream target = stream == 2 ? error : output;
        try
        {
            target.Write(data);
            target.Flush();
        }
        catch (IOException)
        {
            // The reader of our output is gone (a closed pipe). The programs inside have not failed for that.
        }
    }

    public bool IsTerminal(int stream) => stream switch
    {
        0 => !Console.IsInputRedirected,
        1 => !Console.IsOutputRedirected,
        _ => !Console.IsErrorRedirected,
    };
}
