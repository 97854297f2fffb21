using System.Diagnostics;
using System.Globalization;
using RedLeafSharp.Tests.Cli;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Doctor;

public sealed class DoctorTests(Examination examination) : IClassFixture<Examination>
{
    [FactNeeding(Need.Ptrace)]
    public void Doctor_HeldDomains_ReturnsOneAndSaysNothingElse()
    {
        Assert.Equal(("", 1), (examination.Error, examination.Status));
    }

    [FactNeeding(Need.Ptrace)]
    public void Doctor_HostStatic_NamesTheFieldAndTheListBehindIt()
    {
        string[] lines = examination.About("InStatic");

        Assert.Equal("static field RedLeafSharp.Tests.Doctor.PinningProgram.forgotten", lines[0]);
        Assert.StartsWith("-> System.Collections.Generic.List<System.Object> at ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("-> ._items System.Object[] at ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("-> InStatic at ", lines[3], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
    }

    [FactNeeding(Need.Ptrace)]
    public void Doctor_HeldException_NamesTheFieldAndTheStackTrace()
    {
        string[] lines = examination.About("InException");

        Assert.Equal("static field RedLeafSharp.Tests.Doctor.PinningProgram.lastError", lines[0]);
        Assert.StartsWith("-> System.InvalidOperationException at ", lines[1], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("-> ._stackTrace ", StringComparison.Ordinal));
        Assert.Contains("System.Reflection.LoaderAllocator at ", lines[^1], StringComparison.Ordinal);
    }

    [FactNeeding(Need.Ptrace)]
    public void Doctor_Handle_NamesItsKind()
    {
        string[] lines = examination.About("InHandle");

        Assert.StartsWith("handle (Strong) at ", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("-> InHandle at ", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, lines.Length);
    }

    [FactNeeding(Need.Ptrace)]
    public void Doctor_EventHandler_NamesTheEventAndTheDelegate()
    {
        string[] lines = examination.About("InEvent");

        Assert.Equal("static field RedLeafSharp.Tests.Doctor.PinningProgram.Changed", lines[0]);
        Assert.StartsWith("-> System.Action<System.Action> at ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("-> ._target InEvent at ", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
    }

    [FactNeeding(Need.Ptrace)]
    public void Doctor_ThreadInside_NamesTheThreadAndTheFrame()
    {
        Assert.Matches(@"^thread \d+ \(Linux thread \d+\) is inside InThread\.Run\(System\.Action\)$", examination.About("InThread")[0]);
    }

    [FactNeeding(Need.Ptrace)]
    public void Doctor_DomainThatNothingHoldsOrThatRuns_IsNotAccused()
    {
        Assert.Empty(examination.About("Unheld"));
        Assert.DoesNotContain("Live", examination.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_NoSuchProcess_IsOneLine()
    {
        // Above the largest pid that Linux gives out (PID_MAX_LIMIT, 2^22).
        Assert.Equal((1, "", "redleaf: no such process: 4194305\n"), Examination.Command("doctor", "4194305"));
    }

    [FactNeeding(Need.Ptrace)]
    public void Doctor_ProcessWithoutDotNet_IsOneLine()
    {
        // The doctor in a process of its own, as in Examination: the runtime would take its child's stops away.
        using Process child = Process.Start("sleep", "60");
        try
        {
            string pid = child.Id.ToString(CultureInfo.InvariantCulture);

            Assert.Equal((1, "", $"redleaf: process {pid} does not run .NET\n"), RedLeafProcess.Run("", "doctor", pid));
        }
        finally
        {
            child.Kill();
        }
    }

    [Fact]
    public void Doctor_PidThatIsNone_IsAUsageError()
    {
        Assert.Equal(2, Examination.Command("doctor", "0").Status);
        Assert.Equal(2, Examination.Command("doctor", "nvme").Status);
    }
}
