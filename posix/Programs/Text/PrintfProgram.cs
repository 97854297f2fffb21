namespace RedLeafSharp.Posix.Programs;

/// <summary>printf: writes its operands as a format says (POSIX.1-2017, XCU printf), without floating-point numbers.</summary>
public sealed class PrintfProgram : Utility
{
    private const int StatusUsage = 2;

    private protected override string Synopsis => "FORMAT [ARGUMENT]...";

    private protected override int Run(Libc libc)
    {
        List<string> arguments = libc.Arguments;
        int first = arguments.Count > 1 && arguments[1] == "--" ? 2 : 1;
        if (first >= arguments.Count)
        {
            return libc.Complain("usage: printf format [arg ...]") + StatusUsage - 1;
        }

        var format = new PrintfFormat(arguments[first], arguments.GetRange(first + 1, arguments.Count - first - 1));
        return format.Write(libc);
    }
}
