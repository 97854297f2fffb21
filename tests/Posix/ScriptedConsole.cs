using System.Text;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Posix;

/// <summary>A console that has been typed into beforehand and remembers what was written.</summary>
internal sealed class ScriptedConsole : IConsole
{
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private byte[] input = [];
    private int position;

    internal bool IsTerminalInput { get; set; }

    internal string Output => output.ToString();

    internal string Error => error.ToString();

    internal void Type(string text)
    {
        input = Encoding.Latin1.GetBytes(text);
        position = 0;
    }

    internal void Clear()
    {
        output.Clear();
        error.Clear();
    }

    public Reply<int, Errno> Read(CallContext context, Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, input.Length - position);
        input.AsSpan(position, length).CopyTo(buffer);
        position += length;
        return length;
    }

    public Reply<int, Errno> Write(CallContext context, int stream, ReadOnlySpan<byte> data)
    {
        (stream == 2 ? error : output).Append(Encoding.Latin1.GetString(data));
        return data.Length;
    }

    public Reply<bool, Errno> IsTerminal(CallContext context, int stream) => IsTerminalInput;
}
