namespace RedLeafSharp.Posix.Programs;

/// <summary>false: fails.</summary>
public sealed class FalseProgram : Utility
{
    private protected override string Synopsis => "";

    private protected override int Run(Libc libc) => 1;
}
