using System.Text;
using RedLeafSharp;
using RedLeafSharp.Contracts;

namespace RedLeafDomain1;

/// <summary>A program: each process that runs it is a domain of its own.</summary>
public sealed class HelloProgram : IProgram
{
    /// <inheritdoc/>
    public Reply<int, ProgramError> Main(CallContext context, ProgramServices services)
    {
        ISystem system = services.System;
        Reply<int, Errno> process = system.GetProcessId(context);
        byte[] line = Encoding.UTF8.GetBytes($"hello from process {process.Value}\n");
        return system.Write(context, 1, line).IsOk ? 0 : 1;
    }
}
