using System.Runtime.ExceptionServices;
using BenchmarkDotNet.Running;
using RedLeafSharp.Bench.Crossings;
using RedLeafSharp.Bench.Files;
using RedLeafSharp.Bench.Injector;
using RedLeafSharp.Bench.Network;
using RedLeafSharp.Bench.Nvme;
using RedLeafSharp.Bench.Recovery;
using RedLeafSharp.Bench.Safepoints;
using RedLeafSharp.Bench.Verification;
using RedLeafSharp.Scheduling;

namespace RedLeafSharp.Bench;

/// <summary>
/// The first argument may name a harness of its own, for what BenchmarkDotNet cannot measure: several ways interleaved in
/// one process, in collectible code. Everything else goes to BenchmarkDotNet.
/// </summary>
internal static class Program
{
    private static readonly Dictionary<string, Func<string[], int>> Harnesses = new()
    {
        ["crossings"] = CrossingLadder.Run,
        ["nvme"] = NvmeBench.Run,
        ["restart"] = RestartBench.Run,
        ["verifier"] = VerifierBench.Run,
        ["safepoints"] = SafepointBench.Run,
        ["kill"] = KillBench.Run,
        ["injector"] = InjectorBench.Run,
        ["files"] = FilesBench.Run,
        ["forward"] = ForwardBench.Run,
        ["stream"] = StreamBench.Run,
        ["tap"] = TapBench.Run,
    };

    private static int Main(string[] args)
    {
        if (args.Length > 0 && Harnesses.TryGetValue(args[0], out Func<string[], int>? run))
        {
            return OnKernelStack(() => run(args[1..]));
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }

    /// <summary>
    /// Runs a harness on a stack as domains have it under the kernel: on others their stack guards, which compare an address, always take
    /// the long way.
    /// </summary>
    private static int OnKernelStack(Func<int> run)
    {
        int status = 0;
        ExceptionDispatchInfo? thrown = null;
        var thread = new StackThread(() =>
        {
            try
            {
                status = run();
            }
            catch (Exception exception)
            {
                thrown = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Join();
        thrown?.Throw();
        return status;
    }
}
