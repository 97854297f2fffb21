using System.Reflection;

namespace RedLeafSharp.Verification.Flow;

/// <summary>
/// Interprets the IL of an image's methods abstractly, one method at a time: type safety and the linearity of exchange
/// references. The image is an assembly that the runtime has loaded and of which nothing has run.
/// </summary>
internal sealed class MethodVerifier
{
    private readonly ImageContext context;

    internal MethodVerifier(Assembly image, FlowOptions options) => context = new ImageContext(image, options);

    /// <summary>
    /// Verifies one method or constructor that the image declares. Never throws, whatever the image holds; a method without
    /// a body has no findings.
    /// </summary>
    /// <remarks>Ends at a method's first offence: what follows it would be judged from a wrong state.</remarks>
    internal IReadOnlyList<FlowFinding> Verify(MethodBase method)
    {
        MethodInterpreter? interpreter = null;
        try
        {
            if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
            {
                return [];
            }

            if (context.Options.AdmitsPlantedCode && PlantedHolder.Is(method.DeclaringType))
            {
                PlantedHolder.Check(method, body, new InstructionStream(code, admitsAll: true));
                return [];
            }

            interpreter = new MethodInterpreter(context, method, body, new InstructionStream(code));
            interpreter.Run();
            return [];
        }
        catch (FlowException offence)
        {
            return [new FlowFinding(offence.Rule, method, interpreter?.Offset ?? -1, offence.Message)];
        }
        catch (Exception fault) when (ImageContext.IsFault(fault))
        {
            return [new FlowFinding("RL0402", method, interpreter?.Offset ?? -1, $"the runtime cannot read it: {fault.Message}")];
        }
    }
}
